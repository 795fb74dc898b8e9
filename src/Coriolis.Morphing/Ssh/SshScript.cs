namespace Coriolis.Morphing.Ssh;

/// <summary>A shell script to be run on another machine. Its exit code tells whether it has done its work.</summary>
/// <param name="Text">The script.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record SshScript(string Text, IReadOnlyList<string> Arguments)
{
    /// <summary>The command that enters the mount namespace in which it runs; empty for the machine's own.</summary>
    public IReadOnlyList<string> Enter { get; init; } = [];

    /// <summary>Writes its standard input. When the call is cancelled it ends early, which the script must notice.</summary>
    public Func<Stream, CancellationToken, Task> WriteInput { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Output beyond it is dropped.</summary>
    public int MaxOutputBytes { get; init; }
}
