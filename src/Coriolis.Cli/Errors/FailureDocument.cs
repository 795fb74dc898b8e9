namespace Coriolis.Cli;

/// <summary>What <c>--json</c> prints when there is no result.</summary>
internal sealed record FailureDocument(Failure Error);
