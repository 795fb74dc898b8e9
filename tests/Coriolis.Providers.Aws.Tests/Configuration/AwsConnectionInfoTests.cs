namespace Coriolis.Providers.Aws.Tests.Configuration;

public sealed class AwsConnectionInfoTests
{
    [Test]
    public void Parse_ThreeFieldsOfTheEndpoint_SetsThem()
    {
        var info = AwsConnectionInfo.Parse("""{"region": "us-west-2", "access_key_id": "AKIAEXAMPLE", "secret_access_key": "sesame"}""");

        Assert.That(info, Is.EqualTo(new AwsConnectionInfo { Region = "us-west-2", AccessKeyId = "AKIAEXAMPLE", SecretAccessKey = "sesame" }));
    }

    [Test]
    public void Parse_EveryField_SetsThem()
    {
        const string json = """
            {"region": "us-gov-west-1", "access_key_id": "AKIA", "secret_access_key": "s", "session_token": "t",
             "role_arn": "arn:aws-us-gov:iam::123456789012:role/replicate", "external_id": "x", "endpoint_url": "http://127.0.0.1:4599"}
            """;

        var info = AwsConnectionInfo.Parse(json);

        Assert.Multiple(() =>
        {
            Assert.That(info.SessionToken, Is.EqualTo("t"));
            Assert.That(info.RoleArn, Is.EqualTo("arn:aws-us-gov:iam::123456789012:role/replicate"));
            Assert.That(info.ExternalId, Is.EqualTo("x"));
            Assert.That(info.EndpointUrl, Is.EqualTo(new Uri("http://127.0.0.1:4599")));
        });
    }

    [TestCase("""{"access_key_id": "A", "secret_access_key": "hunter2"}""", "region is missing")]
    [TestCase("""{"region": "moon", "access_key_id": "A", "secret_access_key": "hunter2"}""", "'moon' is not a region")]
    [TestCase("""{"region": "eu-west-1", "secret_access_key": "hunter2"}""", "given together")]
    [TestCase("""{"region": "eu-west-1", "session_token": "hunter2"}""", "session_token needs")]
    [TestCase("""{"region": "eu-west-1", "access_key_id": "A", "secret_access_key": "hunter2", "profile": "p"}""", "not both")]
    [TestCase("""{"region": "eu-west-1", "role_arn": "admin"}""", "is not the ARN of a role")]
    [TestCase("""{"region": "eu-west-1", "external_id": "x"}""", "external_id needs role_arn")]
    [TestCase("""{"region": "eu-west-1", "endpoint_url": "ftp://here"}""", "http:// or https://")]
    [TestCase("""{"region": "eu-west-1", "endpoint_url": "here"}""", "not an absolute URL")]
    [TestCase("""{"region": "eu-west-1", "secret": "hunter2"}""", "'secret' is not a known field")]
    [TestCase("""{"region": 5, "secret_access_key": ["hunter2"]}""", "secret_access_key must be a string")]
    [TestCase("""{"secret_access_key": hunter2}""", "It is not JSON")]
    [TestCase("""["hunter2"]""", "must be a JSON object")]
    public void Parse_InvalidInfo_SaysWhatIsWrongWithoutTheSecret(string json, string expected)
    {
        var error = Assert.Throws<FormatException>(() => AwsConnectionInfo.Parse(json));

        Assert.That(error!.Message, Does.Contain(expected).And.Not.Contain("hunter2"));
    }

    [Test]
    public void Parse_SeveralMistakes_ReportsAllOfThem()
    {
        var error = Assert.Throws<FormatException>(
            () => AwsConnectionInfo.Parse("""{"region": "moon", "access_key_id": "A", "external_id": "x", "endpoint_url": "ftp://here", "colour": "red"}"""));

        Assert.That(error!.Message, Does.Contain("moon").And.Contain("together").And.Contain("role_arn").And.Contain("endpoint_url").And.Contain("colour"));
    }

    [Test]
    public void ToString_WithSecrets_HidesThem()
    {
        var info = new AwsConnectionInfo { Region = "eu-west-1", AccessKeyId = "AKIAEXAMPLE", SecretAccessKey = "hunter2", SessionToken = "hunter3" };

        Assert.That(info.ToString(), Is.EqualTo("eu-west-1, access key AKIAEXAMPLE"));
    }
}
