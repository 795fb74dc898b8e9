using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coriolis.Providers.Aws.Tests.Support;

/// <summary>The gateway that classes are given which call AWS, as the registration makes it, on a clock of the test's.</summary>
internal static class TestGateway
{
    public static AwsGateway Create(TimeProvider clock, AwsMetrics? metrics = null) => new(
        TestAccount.Region, TimeSpan.FromMinutes(1), TimeSpan.Zero, new Ec2Throttle(clock), metrics ?? new(new PlainMeterFactory()), clock, new Random(1), NullLogger.Instance);
}
