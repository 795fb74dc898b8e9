using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Ec2.Protocol;

/// <summary>The errors of the EC2 API that more than one operation answers.</summary>
internal static class Ec2Errors
{
    public static AwsErrorException InvalidValue(string message) => new("InvalidParameterValue", 400, message);

    public static AwsErrorException InvalidCombination(string message) => new("InvalidParameterCombination", 400, message);

    public static AwsErrorException Missing(string name) => new("MissingParameter", 400, $"The request must contain the parameter {name}");

    public static AwsErrorException Unsupported(string message) => new("UnsupportedOperation", 400, message);

    public static AwsErrorException IncorrectState(string message) => new("IncorrectState", 400, message);

    public static AwsErrorException Create(string code, string message) => new(code, 400, message);
}
