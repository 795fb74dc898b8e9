namespace Coriolis.Worker.Protocol;

/// <summary>What a side can do beyond the version; the agent answers with what both can.</summary>
[Flags]
internal enum ProtocolFeatures : uint
{
    None = 0,
    Zstd = 1,
    XxHash3 = 2,
}
