namespace Coriolis.Worker.Protocol;

/// <summary>How a controller talks to an agent.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record WorkerClientOptions
{
    /// <summary>What the controller calls itself in the agent's log.</summary>
    /// <value><c>coriolis</c> unless set.</value>
    public string ControllerName { get; init; } = "coriolis";

    /// <summary>Number of connections; requests are spread over them. TLS keeps one core busy for each.</summary>
    /// <value>2 unless set; 1 to 16.</value>
    public int Connections { get; init; } = 2;

    /// <summary>Whether the agent may compress what is read. That takes CPU time on both sides, and pays on a slow network only.</summary>
    /// <value><see langword="false"/> unless set.</value>
    public bool AllowCompression { get; init; }

    /// <summary>How long an answer to the handshake may take.</summary>
    /// <value>30 seconds unless set.</value>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a lost connection is tried anew before requests fail.</summary>
    /// <value>2 minutes unless set.</value>
    public TimeSpan ReconnectTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Pause between two attempts to connect.</summary>
    /// <value>1 second unless set.</value>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The clock.</summary>
    /// <value>The system's unless set.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
