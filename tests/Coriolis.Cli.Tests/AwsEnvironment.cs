using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>
/// The AWS settings of the test process: an access key that every emulated account accepts, and nothing of the machine's own.
/// </summary>
[SetUpFixture]
public sealed class AwsEnvironment
{
    /// <summary>A profile whose secret no emulated account knows.</summary>
    public const string WrongProfile = "wrong";

    private TemporaryFolder _folder = null!;

    internal static EmulatorCredential Credential { get; } = new("AKIATESTTESTTESTTEST", "a-secret-that-only-the-tests-know-00000000");

    internal static IReadOnlyDictionary<string, string> Variables { get; private set; } = new Dictionary<string, string>();

    [OneTimeSetUp]
    public void Set()
    {
        _folder = new TemporaryFolder();
        File.WriteAllText(
            _folder["credentials"],
            $"[{WrongProfile}]\naws_access_key_id = {Credential.AccessKeyId}\naws_secret_access_key = not-the-secret\n");
        File.WriteAllText(_folder["config"], string.Empty);
        Variables = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = Credential.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = Credential.SecretAccessKey,
            ["AWS_SHARED_CREDENTIALS_FILE"] = _folder["credentials"],
            ["AWS_CONFIG_FILE"] = _folder["config"],
            ["AWS_EC2_METADATA_DISABLED"] = "true",
        };
        foreach (var (name, value) in Variables)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();
}
