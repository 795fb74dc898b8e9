namespace Coriolis.Aws.Emulator.State;

/// <summary>What every kind of resource has: tags on it, and the order in which it came to be.</summary>
internal interface IResource
{
    string Id { get; }

    /// <summary>The place in the order of creation; pages of a listing continue after one.</summary>
    long Sequence { get; }

    IReadOnlyDictionary<string, string> Tags { get; }
}
