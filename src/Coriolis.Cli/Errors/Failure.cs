using Coriolis.Providers;
using Microsoft.Extensions.Options;

namespace Coriolis.Cli;

/// <summary>An error as the tool reports it.</summary>
internal sealed record Failure
{
    public required string Code { get; init; }

    public required string Message { get; init; }

    public string? Remedy { get; init; }

    public string? ResourceId { get; init; }

    public string? RequestId { get; init; }

    public static Failure From(Exception exception) => exception switch
    {
        CoriolisException known => new Failure
        {
            Code = known.ErrorCode ?? CodeOf(known),
            Message = known.Problem,
            Remedy = known.Remedy,
            ResourceId = known.ResourceId,
            RequestId = known.RequestId,
        },
        UsageException or OptionsValidationException => new Failure
        {
            Code = "Usage",
            Message = string.Join(" ", ProblemsOf(exception)),
            Remedy = "Run 'coriolis-aws COMMAND --help'.",
        },
        OperationCanceledException => new Failure { Code = "Cancelled", Message = "Cancelled." },
        IOException or UnauthorizedAccessException => new Failure { Code = "IO", Message = exception.Message },
        _ => new Failure
        {
            Code = "Unexpected",
            Message = $"Unexpected {exception.GetType().Name}: {exception.Message}",
            Remedy = "Run again with --verbose for the stack, and report it.",
        },
    };

    public static int ExitCodeFor(Exception exception) => exception switch
    {
        OperationCanceledException => ExitCode.Cancelled,
        UsageException or OptionsValidationException => ExitCode.Usage,
        CoriolisException { ErrorCode: "InvalidInstanceID.Malformed" } => ExitCode.Usage,
        InstanceNotFoundException or AmbiguousInstanceException => ExitCode.NotFound,
        _ => ExitCode.Failed,
    };

    /// <summary>Every problem of the command line or the options that an exception stands for.</summary>
    public static IReadOnlyList<string> ProblemsOf(Exception exception) => exception switch
    {
        UsageException usage => usage.Problems,
        OptionsValidationException options => [.. options.Failures],
        _ => [],
    };

    private static string CodeOf(CoriolisException exception)
    {
        const string Suffix = nameof(Exception);
        var name = exception.GetType().Name;
        return name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;
    }
}
