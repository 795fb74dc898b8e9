using System.Net;
using Amazon.EC2;
using Amazon.Runtime;

namespace Coriolis.Providers.Aws.Tests.Errors;

public sealed class AwsErrorsTests
{
    private static readonly AwsCall s_call = new("ec2", "CreateSnapshots", "i-1");

    [TestCase("UnauthorizedOperation", typeof(SourceAccessDeniedException), "ec2:CreateSnapshots")]
    [TestCase("AccessDeniedException", typeof(SourceAccessDeniedException), "ec2:CreateSnapshots")]
    [TestCase("AuthFailure", typeof(SourceAccessDeniedException), "aws sso login")]
    [TestCase("SignatureDoesNotMatch", typeof(SourceAccessDeniedException), "secret access key")]
    [TestCase("ExpiredToken", typeof(SourceAccessDeniedException), "session has expired")]
    [TestCase("OptInRequired", typeof(SourceAccessDeniedException), "eu-west-1")]
    [TestCase("InvalidInstanceID.NotFound", typeof(InstanceNotFoundException), "region eu-west-1")]
    [TestCase("UnsupportedOperation", typeof(UnsupportedInstanceException), "")]
    [TestCase("PendingSnapshotLimitExceeded", typeof(SourceException), "quota")]
    [TestCase("SomethingNew", typeof(SourceException), "")]
    public void Translate_KnownCode_BecomesItsExceptionWithRemedy(string code, Type expected, string remedy)
    {
        var error = AwsErrors.Translate(s_call, "eu-west-1", Answer(code, HttpStatusCode.BadRequest));

        Assert.Multiple(() =>
        {
            Assert.That(error, Is.TypeOf(expected));
            var known = (CoriolisException)error;
            Assert.That(known.Message, Does.Contain("ec2:CreateSnapshots failed for i-1 in eu-west-1").And.Contain(code).And.Contain("(request id req-1)"));
            Assert.That(known.Remedy ?? "", Does.Contain(remedy));
            Assert.That((known.ErrorCode, known.RequestId, known.ResourceId), Is.EqualTo((code, "req-1", "i-1")));
        });
    }

    [TestCase("RequestLimitExceeded", HttpStatusCode.ServiceUnavailable, AwsRetry.Throttled)]
    [TestCase("ThrottlingException", HttpStatusCode.BadRequest, AwsRetry.Throttled)]
    [TestCase("Strange", HttpStatusCode.TooManyRequests, AwsRetry.Throttled)]
    [TestCase("InternalError", HttpStatusCode.InternalServerError, AwsRetry.ServerFault)]
    [TestCase("", HttpStatusCode.BadGateway, AwsRetry.ServerFault)]
    [TestCase("", HttpStatusCode.OK, AwsRetry.ServerFault)]
    [TestCase("SnapshotCreationPerVolumeRateExceeded", HttpStatusCode.BadRequest, AwsRetry.Later)]
    [TestCase("InvalidSnapshot.InUse", HttpStatusCode.BadRequest, AwsRetry.Later)]
    [TestCase("InsufficientInstanceCapacity", HttpStatusCode.InternalServerError, AwsRetry.Later)]
    [TestCase("UnauthorizedOperation", HttpStatusCode.Forbidden, AwsRetry.No)]
    public void RetryOf_Answer_DependsOnCodeAndStatus(string code, HttpStatusCode status, object expected)
    {
        var answer = Answer(code, status);

        var translated = AwsErrors.Translate(s_call, "eu-west-1", answer);

        Assert.That((AwsErrors.RetryOf(answer), AwsErrors.RetryOf(translated)), Is.EqualTo(((AwsRetry)expected, (AwsRetry)expected)));
    }

    [Test]
    public void Translate_NoConnection_SaysThatTheServiceCannotBeReached()
    {
        var error = AwsErrors.Translate(s_call, "eu-west-1", new HttpRequestException("Connection refused (ec2.eu-west-1.amazonaws.com:443)"));

        Assert.That(error, Is.TypeOf<SourceException>().And.Message.Contains("cannot be reached: Connection refused").And.Message.Contains("proxy"));
        Assert.That(((SourceException)error).IsTransient, Is.True);
    }

    [Test]
    public void Translate_NoCredentials_IsAccessDenied()
    {
        var error = AwsErrors.Translate(s_call, "eu-west-1", new AmazonClientException("Unable to get IAM security credentials from EC2 Instance Metadata Service."));

        Assert.That(error, Is.TypeOf<SourceAccessDeniedException>().And.Message.Contains("aws sso login"));
    }

    private static AmazonEC2Exception Answer(string code, HttpStatusCode status) =>
        new("It did not work.", ErrorType.Sender, code, "req-1", status);
}
