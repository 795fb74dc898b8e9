namespace Coriolis.Cli.Tests;

/// <summary>Other values of environment variables, until they are disposed.</summary>
internal sealed class AwsVariables : IDisposable
{
    private readonly Dictionary<string, string?> _before;

    public AwsVariables(Dictionary<string, string> values)
    {
        _before = values.Keys.ToDictionary(name => name, Environment.GetEnvironmentVariable);
        foreach (var (name, value) in values)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    public void Dispose()
    {
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }
}
