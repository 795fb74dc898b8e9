namespace Coriolis.Providers;

/// <summary>Several instances have the name that was asked for.</summary>
public sealed class AmbiguousInstanceException : CoriolisException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, and why.</param>
    /// <param name="instanceIds">The ids of the instances that have the name.</param>
    public AmbiguousInstanceException(string message, IReadOnlyList<string> instanceIds)
        : base(message, null)
    {
        InstanceIds = instanceIds;
    }

    /// <summary>The ids of the instances that have the name.</summary>
    public IReadOnlyList<string> InstanceIds { get; }
}
