namespace Coriolis.Providers;

/// <summary>A program to run inside a guest.</summary>
/// <remarks>Immutable; safe for concurrent use. There is no shell: arguments are passed as they are.</remarks>
public sealed record GuestCommand
{
    /// <summary>The program: an absolute path in the guest, or a name to look up in its <c>PATH</c>.</summary>
    public required string Program { get; init; }

    /// <summary>The arguments.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment variables to add.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How long it may take.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}
