namespace Coriolis.Worker.Protocol;

/// <summary>Why the agent refused or ended a request.</summary>
public enum WorkerFailure
{
    /// <summary>A failure that the agent has no other name for.</summary>
    Internal = 0,

    /// <summary>The request was malformed; the agent closes the connection after saying so.</summary>
    Malformed = 1,

    /// <summary>No version of the protocol suits both sides.</summary>
    UnsupportedVersion = 2,

    /// <summary>The worker has no device of that name.</summary>
    UnknownDevice = 3,

    /// <summary>The device has another size than the request expects: another volume stands there now.</summary>
    DeviceChanged = 4,

    /// <summary>A range, chunk size or window is out of bounds.</summary>
    InvalidRequest = 5,

    /// <summary>Too many requests at once on one connection.</summary>
    Busy = 6,

    /// <summary>The device cannot be opened.</summary>
    CannotOpen = 7,
}
