using System.Globalization;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Signing;

/// <summary>The words that each service has for a signature it does not accept.</summary>
internal sealed class SigningErrors(string service)
{
    private const string Differs =
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and "
        + "signing method. Consult the service documentation for details.";

    private const string NotValidated = "AWS was not able to validate the provided access credentials";

    public static AwsErrorException NotSigned(string service) => service switch
    {
        ServiceNames.Ec2 => new("AuthFailure", 401, NotValidated),
        ServiceNames.Sts => new("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
        ServiceNames.Kms => new("MissingAuthenticationTokenException", 400, "Missing Authentication Token"),
        _ => new("MissingAuthenticationTokenException", 403, "Missing Authentication Token"),
    };

    public AwsErrorException UnknownAccessKey() => service switch
    {
        ServiceNames.Ec2 => new("AuthFailure", 401, NotValidated),
        ServiceNames.Sts => new("InvalidClientTokenId", 403, "The security token included in the request is invalid."),
        _ => new("UnrecognizedClientException", JsonStatus, "The security token included in the request is invalid."),
    };

    public AwsErrorException WrongSignature(string message) => service switch
    {
        // EC2 does not say which of the two is wrong.
        ServiceNames.Ec2 => new("AuthFailure", 401, NotValidated),
        ServiceNames.Sts => new("SignatureDoesNotMatch", 403, message),
        _ => new("InvalidSignatureException", JsonStatus, message),
    };

    /// <summary>Says, as the services do, what should have been signed: with all signed headers.</summary>
    public AwsErrorException SignatureDiffers(string canonicalRequest, string stringToSign) => WrongSignature(
        $"{Differs}\n\nThe Canonical String for this request should have been\n'{canonicalRequest}'\n\n"
            + $"The String-to-Sign should have been\n'{stringToSign}'\n");

    public AwsErrorException WrongRegion() => service switch
    {
        ServiceNames.Ec2 => new("AuthFailure", 401, "Credential should be scoped to a valid region."),
        _ => WrongSignature("Credential should be scoped to a valid region."),
    };

    public AwsErrorException SignatureExpired(string timestamp, DateTimeOffset now) => service switch
    {
        ServiceNames.Ec2 => new("RequestExpired", 400, "Request has expired."),
        _ => WrongSignature($"Signature expired: {timestamp} is now earlier than {Format(now - Tolerance)} ({Format(now)} - 5 min.)"),
    };

    public AwsErrorException SignatureNotYetCurrent(string timestamp, DateTimeOffset now) => service switch
    {
        ServiceNames.Ec2 => new("RequestExpired", 400, $"Request timestamp {timestamp} is in the future."),
        _ => WrongSignature($"Signature not yet current: {timestamp} is still later than {Format(now + Tolerance)} ({Format(now)} + 5 min.)"),
    };

    public AwsErrorException ExpiredToken() => service switch
    {
        ServiceNames.Ec2 => new("RequestExpired", 400, "Request has expired."),
        ServiceNames.Sts => new("ExpiredToken", 403, "The security token included in the request is expired"),
        _ => new("ExpiredTokenException", JsonStatus, "The security token included in the request is expired"),
    };

    private static TimeSpan Tolerance => TimeSpan.FromMinutes(5);

    private int JsonStatus => service == ServiceNames.Kms ? 400 : 403;

    private static string Format(DateTimeOffset time) => time.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
}
