using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;
using Coriolis.Providers.Aws.Ebs;

namespace Coriolis.Providers.Aws.Tests.Ebs;

/// <summary>Against the examples that AWS publishes: the Signature Version 4 test suite and the example of the IAM reference.</summary>
public sealed class EbsRequestSignerTests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    private const string Token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMc"
        + "GdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZb"
        + "qBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    private const string Unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly DateTimeOffset s_now = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    private static readonly TestCaseData[] s_examples =
    [
        Example("get-vanilla", "GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Example("get-vanilla-query-order-key-case", "GET", "Param1=value1&Param2=value2", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Example("get-vanilla-query-unreserved", "GET", $"{Unreserved}={Unreserved}", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
        Example("post-vanilla", "POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        Example("post-header-key-sort", "POST", "", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c", KeyValuePair.Create("my-header1", "value1")),
        Example("post-sts-header-before", "POST", "", "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead", KeyValuePair.Create("x-amz-security-token", Token)),
    ];

    [TestCaseSource(nameof(s_examples))]
    public void Sign_PublishedExample_GivesThePublishedSignature(
        string method, string query, string signature, KeyValuePair<string, string>[] headers, string service, string names)
    {
        var signer = new EbsRequestSigner("us-east-1", service);

        var authorization = signer.Sign(
            new ImmutableCredentials("AKIDEXAMPLE", Secret, null), s_now, method, "/", query, headers, AWS4Signer.EmptyBodySha256);

        Assert.That(authorization, Is.EqualTo(
            $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, SignedHeaders={names}, Signature={signature}"));
    }

    [Test]
    public void Sign_ExampleOfTheIamReference_GivesThePublishedSignature()
    {
        var signer = new EbsRequestSigner("us-east-1", "iam");
        KeyValuePair<string, string>[] headers =
        [
            new("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
            new("host", "iam.amazonaws.com"),
            new("x-amz-date", signer.FormatDate(s_now)),
        ];

        var authorization = signer.Sign(
            new ImmutableCredentials("AKIDEXAMPLE", Secret, null), s_now, "GET", "/", "Action=ListUsers&Version=2010-05-08", headers, AWS4Signer.EmptyBodySha256);

        Assert.That(authorization, Does.EndWith("Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"));
    }

    [Test]
    public void Sign_NextDayAndOtherSecret_DoesNotReuseTheKey()
    {
        var signer = new EbsRequestSigner("us-east-1", "service");
        string Sign(string secret, DateTimeOffset now) =>
            signer.Sign(new ImmutableCredentials("AKIDEXAMPLE", secret, null), now, "GET", "/", "", [new("host", "h")], AWS4Signer.EmptyBodySha256);

        string[] signatures = [Sign(Secret, s_now), Sign(Secret, s_now.AddDays(1)), Sign("other", s_now), Sign(Secret, s_now)];

        Assert.That(signatures.Distinct().Count(), Is.EqualTo(3));
        Assert.That(signatures[3], Is.EqualTo(signatures[0]));
    }

    private static TestCaseData Example(string name, string method, string query, string signature, params KeyValuePair<string, string>[] more)
    {
        KeyValuePair<string, string>[] headers = [new("host", "example.amazonaws.com"), .. more, new("x-amz-date", "20150830T123600Z")];
        headers = [.. headers.OrderBy(header => header.Key, StringComparer.Ordinal)];
        return new TestCaseData(method, query, signature, headers, "service", string.Join(';', headers.Select(header => header.Key))) { TestName = name };
    }
}
