namespace Coriolis.Cli;

/// <summary>What <c>morph --undo --json</c> prints.</summary>
internal sealed record MorphUndoDocument(int RestoredFiles);
