using Coriolis.Storage;
using Microsoft.Extensions.Options;

namespace Coriolis.Destinations;

/// <summary>Checks what attributes cannot express.</summary>
internal sealed class RawDestinationOptionsCustomValidator : IValidateOptions<RawDestinationOptions>
{
    public ValidateOptionsResult Validate(string? name, RawDestinationOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        foreach (var (diskId, device) in options.BlockDevices)
        {
            if (!FileNames.IsSafe(diskId))
            {
                result.AddError($"'{diskId}' is not a disk id.", nameof(RawDestinationOptions.BlockDevices));
            }

            if (!Path.IsPathFullyQualified(device))
            {
                result.AddError($"'{device}' for {diskId} is not an absolute path.", nameof(RawDestinationOptions.BlockDevices));
            }
        }

        foreach (var shared in options.BlockDevices.GroupBy(pair => pair.Value).Where(group => group.Count() > 1))
        {
            result.AddError(
                $"{shared.Key} is given to several disks: {string.Join(", ", shared.Select(pair => pair.Key))}.",
                nameof(RawDestinationOptions.BlockDevices));
        }

        return result.Build();
    }
}
