namespace Coriolis.Providers;

/// <summary>The base of every failure that this family of libraries reports on purpose.</summary>
/// <remarks>The message says what failed, on which id and why; the properties carry the same for programs.</remarks>
public abstract class CoriolisException : Exception
{
    private protected CoriolisException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What failed, on which id, and why: the message without <see cref="Remedy"/> and <see cref="RequestId"/>.</summary>
    public string Problem => base.Message;

    /// <summary>The resource concerned: an instance, volume, snapshot, key or file.</summary>
    public string? ResourceId { get; init; }

    /// <summary>The service's error code, for example <c>InvalidInstanceID.NotFound</c>.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The service's id of the failed request, to quote to its support.</summary>
    public string? RequestId { get; init; }

    /// <summary>What the user can do about it, as a sentence.</summary>
    public string? Remedy { get; init; }

    /// <summary>Whether the same call may succeed later without a change.</summary>
    public bool IsTransient { get; init; }

    /// <inheritdoc/>
    public override string Message
    {
        get
        {
            var message = Remedy is null ? base.Message : $"{base.Message} {Remedy}";
            return RequestId is null ? message : $"{message} (request id {RequestId})";
        }
    }
}
