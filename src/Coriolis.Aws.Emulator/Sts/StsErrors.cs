using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Sts;

/// <summary>The errors of the STS API.</summary>
internal static class StsErrors
{
    public static AwsErrorException Invalid(string message) => new("ValidationError", 400, message);
}
