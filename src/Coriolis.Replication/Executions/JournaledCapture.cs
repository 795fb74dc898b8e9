using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>A capture and the journal that records what it consists of. Disposing closes the journal only.</summary>
internal sealed record JournaledCapture(ISourceCapture Capture, ExecutionJournal Journal) : IDisposable
{
    public void Dispose() => Journal.Dispose();
}
