using System.Collections.Concurrent;

namespace Coriolis.Providers.Aws.Tests.Support;

/// <summary>Remembers the progress of a capture and lets a test act on it, on the reporting thread.</summary>
internal sealed class RecordingProgress(Action<CaptureProgress>? reported = null) : IProgress<CaptureProgress>
{
    public ConcurrentQueue<CaptureProgress> Reports { get; } = [];

    public IEnumerable<string> Stages => Reports.Select(report => report.Stage).Distinct();

    public void Report(CaptureProgress value)
    {
        Reports.Enqueue(value);
        reported?.Invoke(value);
    }
}
