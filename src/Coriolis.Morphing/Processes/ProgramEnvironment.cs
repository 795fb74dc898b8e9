namespace Coriolis.Morphing.Processes;

/// <summary>What programs get as environment: nothing of the caller's own, whose proxies, credentials and locale are not for them.</summary>
internal static class ProgramEnvironment
{
    public static IReadOnlyDictionary<string, string> With(IReadOnlyDictionary<string, string> more)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["LC_ALL"] = "C",
            ["HOME"] = "/root",
        };
        foreach (var (name, value) in more)
            environment[name] = value;
        return environment;
    }
}
