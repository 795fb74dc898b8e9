using System.Net;
using Amazon.EC2.Model;
using Amazon.Runtime;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Signing;

internal sealed class SignatureTests
{
    [Test]
    public async Task Call_WithWrongSecret_IsRefused()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var client = emulator.CreateEc2(TestEmulator.Region, new BasicAWSCredentials(emulator.Emulator.AccessKeyId, "wrong"));

        var error = await TestEmulator.ErrorAsync(() => client.DescribeRegionsAsync(new DescribeRegionsRequest()));

        Assert.Multiple(() =>
        {
            Assert.That(error.ErrorCode, Is.EqualTo("AuthFailure"));
            Assert.That(error.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        });
    }

    [Test]
    public async Task Call_WithUnknownKey_IsRefused()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var client = emulator.CreateEc2(TestEmulator.Region, new BasicAWSCredentials("AKIAUNKNOWN", emulator.Emulator.SecretAccessKey));

        var code = await TestEmulator.ErrorCodeAsync(() => client.DescribeRegionsAsync(new DescribeRegionsRequest()));

        Assert.That(code, Is.EqualTo("AuthFailure"));
    }

    [Test]
    public async Task Call_ToRegionThatDoesNotExist_IsRefused()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var client = emulator.CreateEc2("mars-north-1");

        var code = await TestEmulator.ErrorCodeAsync(() => client.DescribeRegionsAsync(new DescribeRegionsRequest()));

        Assert.That(code, Is.EqualTo("AuthFailure"));
    }

    [TestCase(-4, true)]
    [TestCase(4, true)]
    [TestCase(-6, false)]
    [TestCase(6, false)]
    public async Task Call_SignedAtAnotherTime_IsAcceptedWithinFiveMinutes(int minutes, bool accepted)
    {
        await using var emulator = await TestEmulator.StartAsync(static options => options.ClockSkewTolerance = TimeSpan.FromMinutes(5));
        // Whole seconds: that is what a signature's date holds.
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        emulator.Time.AdjustTime(now);
        using var http = new HttpClient();

        using var response = await http.SendAsync(RawRequest.Sign(emulator, "Action=DescribeRegions&Version=2016-11-15", now.AddMinutes(minutes)));

        var body = await response.Content.ReadAsStringAsync();
        Assert.That(body, accepted ? Does.Contain("<DescribeRegionsResponse") : Does.Contain("<Code>RequestExpired</Code>"));
    }

    [Test]
    public async Task Call_WithChangedBody_IsRefused()
    {
        await using var emulator = await TestEmulator.StartAsync();
        using var http = new HttpClient();
        var request = RawRequest.Sign(emulator, "Action=DescribeRegions&Version=2016-11-15", emulator.Time.GetUtcNow());
        request.Content = new StringContent("Action=DescribeVpcs&Version=2016-11-15");

        using var response = await http.SendAsync(request);

        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("<Code>AuthFailure</Code>"));
    }

    [Test]
    public async Task Call_WithoutSignature_IsRefused()
    {
        await using var emulator = await TestEmulator.StartAsync();
        using var http = new HttpClient();

        using var response = await http.GetAsync(new Uri(emulator.Emulator.Endpoint, "/?Action=DescribeRegions"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Call_WithPresignedQuery_IsAnsweredUntilItExpires()
    {
        await using var emulator = await TestEmulator.StartAsync(static options => options.ClockSkewTolerance = TimeSpan.FromMinutes(5));
        using var http = new HttpClient();
        var url = RawRequest.Presign(emulator, "Action=DescribeRegions&Version=2016-11-15", emulator.Time.GetUtcNow(), TimeSpan.FromMinutes(30));

        using var early = await http.GetAsync(url);
        emulator.Time.Advance(TimeSpan.FromMinutes(31));
        using var late = await http.GetAsync(url);

        Assert.Multiple(() =>
        {
            Assert.That(early.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        });
    }
}
