using System.Diagnostics;
using System.Reflection;

namespace Coriolis.Providers.Aws;

/// <summary>The names under which this library reports activities and metrics.</summary>
/// <remarks>
/// Instruments: <c>coriolis.aws.requests</c>, one per attempt at an AWS call, with the tags <c>rpc.service</c>
/// (<c>ec2</c>, <c>ebs</c>, <c>kms</c>, <c>sts</c>), <c>rpc.method</c> and, on failure, <c>error.type</c>;
/// <c>coriolis.snapshot.duration</c> in seconds, from the creation of a snapshot set to its completion.
/// </remarks>
public static class AwsTelemetry
{
    /// <summary>The name of the activity source.</summary>
    public const string ActivitySourceName = "Coriolis.Providers.Aws";

    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Coriolis.Providers.Aws";

    /// <summary>The counter of attempts at AWS calls.</summary>
    public const string RequestsInstrumentName = "coriolis.aws.requests";

    internal static string Version { get; } =
        typeof(AwsTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    internal static ActivitySource Activities { get; } = new(ActivitySourceName, Version);

    internal static void Fail(this Activity? activity, Exception error)
    {
        activity?.SetStatus(ActivityStatusCode.Error, error.Message);
        activity?.SetTag("error.type", ErrorType(error));
    }

    internal static string ErrorType(Exception error) =>
        (error as CoriolisException)?.ErrorCode ?? error.GetType().FullName!;
}
