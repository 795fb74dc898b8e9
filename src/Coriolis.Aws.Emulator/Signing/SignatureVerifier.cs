using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Signing;

/// <summary>Verifies the signature of a request and says who sent it.</summary>
internal sealed class SignatureVerifier(
    CredentialRegistry credentials, IReadOnlySet<string> regions, TimeSpan? clockSkewTolerance, TimeProvider timeProvider)
{
    private const string TimestampFormat = "yyyyMMdd'T'HHmmss'Z'";

    private readonly SignatureCalculator _calculator = new();

    public CallerIdentity Verify(IncomingRequest request, SignedRequest signature)
    {
        var errors = new SigningErrors(signature.Service);
        if (credentials.Find(signature.AccessKeyId) is not { } credential) throw errors.UnknownAccessKey();
        if (credential.SessionToken != signature.SessionToken) throw errors.UnknownAccessKey();
        var now = timeProvider.GetUtcNow();
        CheckTime(signature, errors, now);
        if (!regions.Contains(signature.Region)) throw errors.WrongRegion();
        if (!signature.SignedHeaders.Contains("host")) throw errors.WrongSignature("'Host' must be a 'SignedHeader' in the AWS Authorization.");
        CheckPayload(request, errors);

        var expected = Encoding.ASCII.GetBytes(_calculator.Calculate(request, signature, credential.SecretAccessKey));
        if (!CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature.Signature)))
        {
            var canonical = CanonicalRequest.Build(request, signature);
            throw errors.SignatureDiffers(canonical, SignatureCalculator.StringToSign(canonical, signature));
        }

        // Whether a token has expired is only told to whoever could sign with it.
        if (credential.ExpiresAt <= now) throw errors.ExpiredToken();
        return credentials.Identify(credential);
    }

    private void CheckTime(SignedRequest signature, SigningErrors errors, DateTimeOffset now)
    {
        if (!TryParse(signature.Timestamp, out var signedAt))
        {
            throw new AwsErrorException("IncompleteSignature", 400, $"Date must be in ISO-8601 basic format. Got '{signature.Timestamp}'.");
        }

        if (signedAt.ToString("yyyyMMdd", CultureInfo.InvariantCulture) != signature.Day)
        {
            throw errors.WrongSignature("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.");
        }

        if (clockSkewTolerance is not { } tolerance) return;
        var notAfter = signedAt + (signature.Expires ?? tolerance);
        if (now > notAfter) throw errors.SignatureExpired(signature.Timestamp, now);
        if (signedAt > now + tolerance) throw errors.SignatureNotYetCurrent(signature.Timestamp, now);
    }

    private static void CheckPayload(IncomingRequest request, SigningErrors errors)
    {
        if (request.Header("x-amz-content-sha256") is not { } declared || declared == CanonicalRequest.UnsignedPayload) return;
        if (!string.Equals(declared, CanonicalRequest.PayloadHash(request), StringComparison.OrdinalIgnoreCase))
        {
            throw errors.WrongSignature($"The value of x-amz-content-sha256, '{declared}', is not the SHA-256 of the body.");
        }
    }

    private static bool TryParse(string timestamp, out DateTimeOffset value) =>
        DateTimeOffset.TryParseExact(
            timestamp, TimestampFormat, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out value);
}
