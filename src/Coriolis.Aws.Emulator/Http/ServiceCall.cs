using Microsoft.AspNetCore.Http;

namespace Coriolis.Aws.Emulator.Http;

/// <summary>One verified call on its way to the service that answers it.</summary>
internal sealed class ServiceCall
{
    public required HttpContext Http { get; init; }

    public required string RequestId { get; init; }

    public required string Service { get; init; }

    public required string Region { get; init; }

    /// <summary>The operation as the API model names it, or an empty string when the request names none.</summary>
    public required string Operation { get; init; }

    public required CallerIdentity Identity { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The form or query parameters of the query protocols (EC2, STS); empty for the others.</summary>
    public required QueryParameters Parameters { get; init; }
}
