namespace Coriolis.Providers.Aws;

/// <summary>The JSON schemas that are part of this assembly.</summary>
internal static class EmbeddedSchema
{
    public static string Read(string name)
    {
        using var stream = typeof(EmbeddedSchema).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
