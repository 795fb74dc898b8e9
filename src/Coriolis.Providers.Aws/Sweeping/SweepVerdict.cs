namespace Coriolis.Providers.Aws;

/// <summary>Whether a resource stays, and why, in one clause for people.</summary>
internal readonly record struct SweepVerdict(bool Keep, string Why)
{
    public static SweepVerdict Kept(string why) => new(true, why);

    public static SweepVerdict Removable(string why) => new(false, why);
}
