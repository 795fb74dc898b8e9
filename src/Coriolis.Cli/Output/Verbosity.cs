namespace Coriolis.Cli;

internal enum Verbosity
{
    /// <summary>Results and errors only.</summary>
    Quiet,

    Normal,

    /// <summary>Every AWS call, and stack traces.</summary>
    Verbose,
}
