namespace Coriolis.Cli;

/// <summary>The exit codes of the tool; docs/errors.md says which error has which.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotFound = 3;

    /// <summary>128 + SIGINT, what a shell reports for a program that Ctrl-C ended.</summary>
    public const int Cancelled = 130;
}
