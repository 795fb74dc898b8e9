using System.Net;
using Coriolis.Providers.Aws.Ebs;
using Coriolis.Providers.Aws.Tests.Ebs;

namespace Coriolis.Providers.Aws.Tests.Errors;

public sealed class BlockApiErrorsTests
{
    private const string SnapshotId = "snap-0123456789abcdef0";

    private const string KeyId = "arn:aws:kms:eu-west-1:111122223333:key/1";

    [TestCase(403, "AccessDeniedException", "UNAUTHORIZED_ACCOUNT", "Allow ebs:GetSnapshotBlock on arn:aws:ec2:eu-west-1::snapshot/" + SnapshotId)]
    [TestCase(403, "AccessDeniedException", "DEPENDENCY_ACCESS_DENIED", "Allow kms:Decrypt on the key " + KeyId)]
    [TestCase(403, "ExpiredTokenException", null, "session has expired")]
    [TestCase(403, "UnrecognizedClientException", null, "Check the access key")]
    [TestCase(403, "InvalidSignatureException", null, "The secret access key does not belong")]
    public async Task Create_Refusal_IsDeniedWithARemedy(int status, string code, string? reason, string remedy)
    {
        var exception = await Fail(status, code, reason);

        Assert.That(exception, Is.TypeOf<SourceAccessDeniedException>());
        Assert.That(exception.Remedy ?? "", Does.Contain(remedy));
        Assert.That(exception.IsTransient, Is.False);
    }

    [TestCase(404, "ResourceNotFoundException", "SNAPSHOT_NOT_FOUND", "Look for what deletes snapshots")]
    [TestCase(404, "ResourceNotFoundException", "DEPENDENCY_RESOURCE_NOT_FOUND", "The key " + KeyId + " is missing")]
    [TestCase(400, "ValidationException", "INVALID_CUSTOMER_KEY", "Enable the key " + KeyId)]
    [TestCase(400, "ValidationException", "INVALID_BLOCK_TOKEN", "")]
    public async Task Create_Failure_IsSourceExceptionWithARemedy(int status, string code, string reason, string remedy)
    {
        var exception = await Fail(status, code, reason);

        Assert.That(exception, Is.TypeOf<SourceException>());
        Assert.That(exception.Remedy ?? "", Does.Contain(remedy));
        Assert.That(exception.IsTransient, Is.False);
    }

    [Test]
    public async Task Create_Always_CarriesWhatProgramsAndSupportNeed()
    {
        var exception = await Fail(403, "AccessDeniedException", "UNAUTHORIZED_ACCOUNT");

        Assert.That(exception.ErrorCode, Is.EqualTo("AccessDeniedException"));
        Assert.That(exception.ResourceId, Is.EqualTo(SnapshotId));
        Assert.That(exception.RequestId, Is.EqualTo("request-1"));
        Assert.That(exception.Message, Does.StartWith($"GetSnapshotBlock of block 5 of snapshot {SnapshotId} failed: AccessDeniedException (UNAUTHORIZED_ACCOUNT): No."));
    }

    [Test]
    public async Task Create_ClockIsWrong_SaysSo()
    {
        var exception = await Fail(403, "InvalidSignatureException", null, "Signature expired: 20260102T030405Z is now earlier than …");

        Assert.That(exception.Remedy, Does.Contain("clock"));
    }

    [TestCase("<html>Bad gateway</html>")]
    [TestCase("")]
    [TestCase("[]")]
    public async Task Create_BodyOfAProxy_IsStillAnError(string body)
    {
        using var fixture = new EbsFixture();
        fixture.Service.Intercept = (_, _) => Task.FromResult<HttpResponseMessage?>(
            new HttpResponseMessage(HttpStatusCode.ProxyAuthenticationRequired) { Content = new StringContent(body) });

        var exception = await Read(fixture);

        Assert.That(exception.ErrorCode, Is.EqualTo("HTTP 407"));
    }

    [Test]
    public async Task Create_TypeOnlyInTheBody_IsRead()
    {
        using var fixture = new EbsFixture();
        fixture.Service.Intercept = (_, _) => Task.FromResult<HttpResponseMessage?>(new HttpResponseMessage(HttpStatusCode.Forbidden)
        {
            Content = new StringContent("""{"__type":"com.amazonaws.ebs#AccessDeniedException","message":"Not you."}"""),
        });

        var exception = await Read(fixture);

        Assert.That(exception, Is.TypeOf<SourceAccessDeniedException>());
        Assert.That(exception.Message, Does.Contain("Not you."));
    }

    private static async Task<CoriolisException> Fail(int status, string code, string? reason, string message = "No.")
    {
        using var fixture = new EbsFixture();
        fixture.Service.Intercept = (_, _) => Task.FromResult<HttpResponseMessage?>(InMemoryEbs.Error((HttpStatusCode)status, code, reason, message));
        return await Read(fixture);
    }

    private static async Task<CoriolisException> Read(EbsFixture fixture)
    {
        try
        {
            await fixture.Client.GetSnapshotBlockAsync(SnapshotId, 5, "dG9rZW4=", new byte[512 * 1024], default, CancellationToken.None);
        }
        catch (EbsException exception)
        {
            return AwsErrors.Create(exception, "eu-west-1", KeyId);
        }

        throw new AssertionException("Nothing failed.");
    }
}
