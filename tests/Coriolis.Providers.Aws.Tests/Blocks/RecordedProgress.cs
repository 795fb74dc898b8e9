namespace Coriolis.Providers.Aws.Tests.Blocks;

/// <summary>Keeps what was reported.</summary>
internal sealed class RecordedProgress : IProgress<CaptureProgress>
{
    public List<CaptureProgress> Reports { get; } = [];

    public void Report(CaptureProgress value) => Reports.Add(value);
}
