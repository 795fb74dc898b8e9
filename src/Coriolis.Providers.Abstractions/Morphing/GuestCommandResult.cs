namespace Coriolis.Providers;

/// <summary>How a program that ran inside a guest ended.</summary>
/// <param name="ExitCode">Its exit code; 0 means success by convention.</param>
/// <param name="Output">What it printed to standard output.</param>
/// <param name="Error">What it printed to standard error.</param>
public sealed record GuestCommandResult(int ExitCode, string Output, string Error);
