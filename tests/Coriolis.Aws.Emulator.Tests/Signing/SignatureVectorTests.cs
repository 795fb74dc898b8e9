using System.Text;
using Coriolis.Aws.Emulator.Signing;

namespace Coriolis.Aws.Emulator.Tests.Signing;

/// <summary>The values of AWS's published Signature Version 4 test suite.</summary>
internal sealed class SignatureVectorTests
{
    private const string Unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private const string Token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi"
        + "/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64l"
        + "IZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    [TestCase("GET", "/", "", "", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", TestName = "get-vanilla")]
    [TestCase("GET", "/./foo/../", "", "", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", TestName = "get-relative")]
    [TestCase("GET", "//", "", "", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", TestName = "get-slash")]
    [TestCase("GET", "/" + Unreserved, "", "", "", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f", TestName = "get-unreserved")]
    [TestCase("GET", "/ሴ", "", "", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85", TestName = "get-utf8")]
    [TestCase("GET", "/", "Param1=value1", "", "", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb", TestName = "get-vanilla-empty-query-key")]
    [TestCase("GET", "/", "Param1=value2&Param1=value1", "", "", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694", TestName = "get-vanilla-query-order-value")]
    [TestCase("GET", "/", "Param2=value2&Param1=value1", "", "", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500", TestName = "get-vanilla-query-order-key-case")]
    [TestCase("GET", "/", Unreserved + "=" + Unreserved, "", "", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197", TestName = "get-vanilla-query-unreserved")]
    [TestCase("GET", "/", "%E1%88%B4=bar", "", "", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04", TestName = "get-vanilla-utf8-query")]
    [TestCase("GET", "/", "", "my-header1:value2;my-header1:value2;my-header1:value1", "", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea", TestName = "get-header-key-duplicate")]
    [TestCase("GET", "/", "", "my-header1:value4;my-header1:value1;my-header1:value3;my-header1:value2", "", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01", TestName = "get-header-value-order")]
    [TestCase("GET", "/", "", "my-header1: value1;my-header2: \"a   b   c\" ", "", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736", TestName = "get-header-value-trim")]
    [TestCase("POST", "/", "", "", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b", TestName = "post-vanilla")]
    [TestCase("POST", "/", "", "my-header1:VALUE1", "", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d", TestName = "post-header-value-case")]
    [TestCase("POST", "/", "", "x-amz-security-token:" + Token, "", "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead", TestName = "post-sts-header-before")]
    [TestCase("POST", "/", "Param1=value1", "", "", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11", TestName = "post-vanilla-query")]
    [TestCase("POST", "/", "", "content-type:application/x-www-form-urlencoded", "Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a", TestName = "post-x-www-form-urlencoded")]
    public void Calculate_PublishedRequest_GivesPublishedSignature(
        string method, string path, string query, string headers, string body, string expected)
    {
        var request = CreateRequest(method, path, query, headers, body);
        var parsed = SignedRequest.Parse(request)!;

        var signature = new SignatureCalculator().Calculate(request, parsed, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

        Assert.That(signature, Is.EqualTo(expected));
    }

    private static IncomingRequest CreateRequest(string method, string path, string query, string headers, string body)
    {
        var all = new SortedDictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["host"] = ["example.amazonaws.com"],
            ["x-amz-date"] = ["20150830T123600Z"],
        };
        foreach (var group in headers.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static header => header.Split(':', 2)).GroupBy(static header => header[0]))
        {
            all[group.Key] = [.. group.Select(static header => header[1])];
        }

        var names = string.Join(';', all.Keys);
        all["authorization"] =
            [$"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={names}, Signature=00"];
        return new IncomingRequest { Method = method, RawPath = path, RawQuery = query, Headers = all, Body = Encoding.UTF8.GetBytes(body) };
    }
}
