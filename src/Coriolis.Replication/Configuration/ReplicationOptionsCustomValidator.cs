using System.Numerics;
using Microsoft.Extensions.Options;

namespace Coriolis.Replication;

/// <summary>Checks what attributes cannot express.</summary>
internal sealed class ReplicationOptionsCustomValidator : IValidateOptions<ReplicationOptions>
{
    public ValidateOptionsResult Validate(string? name, ReplicationOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (!BitOperations.IsPow2(options.ChunkSize))
        {
            result.AddError($"{options.ChunkSize} is not a power of two.", nameof(ReplicationOptions.ChunkSize));
        }

        if (options.MemoryBudgetBytes < 2L * options.ChunkSize)
        {
            result.AddError(
                $"{options.MemoryBudgetBytes} bytes do not hold two chunks of {options.ChunkSize} bytes.",
                nameof(ReplicationOptions.MemoryBudgetBytes));
        }

        if (options.StopTimeout < TimeSpan.Zero || options.StopTimeout > TimeSpan.FromMinutes(10))
        {
            result.AddError($"{options.StopTimeout} is not between zero and ten minutes.", nameof(ReplicationOptions.StopTimeout));
        }

        if (options.ResumePointInterval < TimeSpan.Zero || options.ResumePointInterval > TimeSpan.FromDays(1))
        {
            result.AddError($"{options.ResumePointInterval} is not between zero and one day.", nameof(ReplicationOptions.ResumePointInterval));
        }

        if (options.ResumeWithin < TimeSpan.Zero || options.ResumeWithin > TimeSpan.FromDays(7))
        {
            result.AddError($"{options.ResumeWithin} is not between zero and seven days.", nameof(ReplicationOptions.ResumeWithin));
        }

        return result.Build();
    }
}
