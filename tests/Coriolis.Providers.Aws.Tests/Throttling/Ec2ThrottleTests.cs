using Amazon.Extensions.NETCore.Setup;
using Amazon.Runtime;
using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Providers.Aws.Tests.Throttling;

public sealed class Ec2ThrottleTests
{
    private readonly FakeTimeProvider _time = new();

    // Four fifths of the buckets and refills that Ec2Rates states.
    [TestCase("DescribeVolumes", 80, 16)]
    [TestCase("CreateVolume", 40, 4)]
    [TestCase("RunInstances", 4, 1.6)]
    public async Task WaitAsync_MoreThanTheBucket_GoOnAtItsRefill(string operation, int bucket, double perSecond)
    {
        var throttle = new Ec2Throttle(_time);
        var waits = Enumerable.Range(0, bucket + 100).Select(_ => throttle.WaitAsync(operation, CancellationToken.None).AsTask()).ToList();
        var atOnce = waits.Count(wait => wait.IsCompleted);

        for (var tick = 0; tick < 500; tick++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        var expected = bucket + (int)(5 * perSecond);
        await Task.WhenAll(waits.Take(expected - 1)).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(atOnce, Is.EqualTo(bucket));
        Assert.That(waits.Skip(expected + 1).Any(wait => wait.IsCompleted), Is.False);
    }

    [Test]
    public void WaitAsync_OneOperationExhausted_OthersAreNotHeldUp()
    {
        var throttle = new Ec2Throttle(_time);
        var launches = Enumerable.Range(0, 5).Select(_ => throttle.WaitAsync("RunInstances", CancellationToken.None).AsTask()).ToList();

        var other = throttle.WaitAsync("DescribeInstances", CancellationToken.None);

        Assert.That(launches[^1].IsCompleted, Is.False);
        Assert.That(other.IsCompletedSuccessfully, Is.True);
    }

    [Test]
    public void OnThrottled_OneOperation_HalvesItsRateAlone()
    {
        var throttle = new Ec2Throttle(_time);

        throttle.OnThrottled("CreateVolume");

        Assert.That(throttle.Operation("CreateVolume").Rate, Is.EqualTo(2));
        Assert.That(throttle.Operation("AttachVolume").Rate, Is.EqualTo(4));
    }

    [TestCase("AKIDONE", "eu-west-1", "AKIDONE", "eu-west-1", true)]
    [TestCase("AKIDONE", "eu-west-1", "AKIDTWO", "eu-west-1", false)]
    [TestCase("AKIDONE", "eu-west-1", "AKIDONE", "us-east-1", false)]
    public void Get_TwoRegistrations_ShareTheThrottleOfOneIdentityAndRegion(
        string firstKey, string firstRegion, string secondKey, string secondRegion, bool isShared)
    {
        var registry = new Ec2ThrottleRegistry(_time);

        var first = registry.Get(Endpoint(firstKey, firstRegion));
        var second = registry.Get(Endpoint(secondKey, secondRegion));

        Assert.That(ReferenceEquals(first, second), Is.EqualTo(isShared));
    }

    private static AwsEndpoint Endpoint(string key, string region) =>
        new(region, new BasicAWSCredentials(key, "secret"), new AWSOptions().DefaultClientConfig, ServiceUrl: null);
}
