using System.Diagnostics;
using System.Reflection;

namespace Coriolis.Replication;

/// <summary>The names under which the engine reports traces and metrics.</summary>
public static class ReplicationTelemetry
{
    /// <summary>The name of the activity source, for a host's <c>AddSource</c>.</summary>
    public const string ActivitySourceName = "Coriolis.Replication";

    /// <summary>The name of the meter, for a host's <c>AddMeter</c>.</summary>
    public const string MeterName = "Coriolis.Replication";

    internal static readonly string? Version = typeof(ReplicationTelemetry).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];

    internal static readonly ActivitySource Source = new(ActivitySourceName, Version);

    /// <summary>Marks an activity as failed the way the semantic conventions ask for: a status and a type, no event.</summary>
    internal static void Fail(this Activity? activity, Exception exception)
    {
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
        activity?.SetTag("error.type", exception.GetType().Name);
    }
}
