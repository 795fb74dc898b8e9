namespace Coriolis.Aws.Emulator.State;

/// <summary>Shared empty values of resources.</summary>
internal static class TagSet
{
    public static IReadOnlyDictionary<string, string> Empty { get; } = new Dictionary<string, string>();
}
