using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Sts;

internal sealed class StsServiceTests
{
    private TestEmulator _host;

    [SetUp]
    public async Task SetUpAsync() => _host = await TestEmulator.StartAsync();

    [TearDown]
    public async Task TearDownAsync() => await _host.DisposeAsync();

    [Test]
    public async Task GetCallerIdentity_LongLivedKey_IsTheAccountsUser()
    {
        using var sts = CreateClient(new BasicAWSCredentials(_host.Emulator.AccessKeyId, _host.Emulator.SecretAccessKey));

        var identity = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest());

        Assert.That(identity.Account, Is.EqualTo("123456789012"));
        Assert.That(identity.Arn, Does.StartWith("arn:aws:iam::123456789012:user/"));
    }

    [Test]
    public async Task AssumeRole_WithExternalId_GivesCredentialsOfTheRoleUntilTheyExpire()
    {
        var credentials = await AssumeAsync(900);
        using var sts = CreateClient(credentials);
        using var ec2 = _host.CreateEc2(TestEmulator.Region, credentials);

        var identity = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest());
        await ec2.DescribeInstancesAsync();
        _host.Time.Advance(TimeSpan.FromSeconds(900));

        Assert.That(identity.Arn, Is.EqualTo("arn:aws:sts::123456789012:assumed-role/replicator/run-7"));
        Assert.That(await TestEmulator.ErrorCodeAsync(() => ec2.DescribeInstancesAsync()), Is.EqualTo("RequestExpired"));
        var expired = Assert.ThrowsAsync<AmazonSecurityTokenServiceException>(() => sts.GetCallerIdentityAsync(new GetCallerIdentityRequest()))!;
        Assert.That(expired.ErrorCode, Is.EqualTo("ExpiredToken"));
    }

    [Test]
    public async Task AssumedCredentials_AfterARestart_StillWorkAndStillEnd()
    {
        var credentials = await AssumeAsync(900);
        await _host.RestartAsync();
        using var sts = CreateClient(credentials);

        var identity = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest());
        _host.Time.Advance(TimeSpan.FromSeconds(900));
        var expired = await sts.AssertFailsAsync(client => client.GetCallerIdentityAsync(new GetCallerIdentityRequest()));

        Assert.That(identity.Arn, Is.EqualTo("arn:aws:sts::123456789012:assumed-role/replicator/run-7"));
        Assert.That(expired.ErrorCode, Is.EqualTo("ExpiredToken"));
    }

    [Test]
    public async Task AssumedCredentials_WithoutSessionToken_AreRefused()
    {
        var credentials = (await AssumeAsync(900)).GetCredentials();
        using var sts = CreateClient(new BasicAWSCredentials(credentials.AccessKey, credentials.SecretKey));

        var error = Assert.ThrowsAsync<AmazonSecurityTokenServiceException>(() => sts.GetCallerIdentityAsync(new GetCallerIdentityRequest()))!;

        Assert.That(error.ErrorCode, Is.EqualTo("InvalidClientTokenId"));
    }

    [TestCase("replicator", "run-7", 900)]
    [TestCase("arn:aws:iam::123456789012:role/replicator", "x", 900)]
    [TestCase("arn:aws:iam::123456789012:role/replicator", "run-7", 899)]
    [TestCase("arn:aws:iam::123456789012:role/replicator", "run 7", 900)]
    [TestCase("arn:aws:iam::123456789012:role/replicator", "run/7", 900)]
    [TestCase("arn:aws:iam::123456789012:role/replicator", "rün-7", 900)]
    public void AssumeRole_InvalidRequest_IsAValidationError(string roleArn, string sessionName, int seconds)
    {
        using var sts = CreateClient(new BasicAWSCredentials(_host.Emulator.AccessKeyId, _host.Emulator.SecretAccessKey));

        var error = Assert.ThrowsAsync<AmazonSecurityTokenServiceException>(() => sts.AssumeRoleAsync(
            new AssumeRoleRequest { RoleArn = roleArn, RoleSessionName = sessionName, DurationSeconds = seconds }))!;

        Assert.That(error.ErrorCode, Is.EqualTo("ValidationError"));
    }

    [TestCase(3600, null)]
    [TestCase(3601, "ValidationError")]
    public async Task AssumeRole_BySessionOfARole_IsLimitedToAnHour(int seconds, string? code)
    {
        using var sts = CreateClient(await AssumeAsync(7200));
        Task<AssumeRoleResponse> ChainAsync(AmazonSecurityTokenServiceClient client) => client.AssumeRoleAsync(
            new AssumeRoleRequest { RoleArn = "arn:aws:iam::123456789012:role/second", RoleSessionName = "run-8", DurationSeconds = seconds });

        if (code is null) Assert.That((await ChainAsync(sts)).AssumedRoleUser.Arn, Does.EndWith("assumed-role/second/run-8"));
        else Assert.That((await sts.AssertFailsAsync(ChainAsync)).ErrorCode, Is.EqualTo(code));
    }

    private async Task<SessionAWSCredentials> AssumeAsync(int seconds)
    {
        using var sts = CreateClient(new BasicAWSCredentials(_host.Emulator.AccessKeyId, _host.Emulator.SecretAccessKey));
        var role = await sts.AssumeRoleAsync(new AssumeRoleRequest
        {
            RoleArn = "arn:aws:iam::123456789012:role/replicator",
            RoleSessionName = "run-7",
            ExternalId = "customer-1",
            DurationSeconds = seconds,
        });
        return new SessionAWSCredentials(role.Credentials.AccessKeyId, role.Credentials.SecretAccessKey, role.Credentials.SessionToken);
    }

    private AmazonSecurityTokenServiceClient CreateClient(AWSCredentials credentials) => new(
        credentials,
        new AmazonSecurityTokenServiceConfig
        {
            ServiceURL = _host.Emulator.Endpoint.ToString(),
            AuthenticationRegion = TestEmulator.Region,
            MaxErrorRetry = 0,
        });
}
