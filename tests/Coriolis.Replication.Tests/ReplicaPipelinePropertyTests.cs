using Coriolis.Providers;
using CsCheck;

namespace Coriolis.Replication.Tests;

internal sealed class ReplicaPipelinePropertyTests
{
    /// <summary>Something that happens between or during executions.</summary>
    private enum StepKind
    {
        Write,
        Punch,
        Grow,
        Tamper,
        LoseDestination,
        LoseBaselineSnapshot,
        Run,
        RunWithSourceFault,
        RunWithDestinationFault,
    }

    [Test]
    public void RunAsync_AnySequenceOfChangesFaultsAndExecutions_EndsWithReplicaEqualToSource()
    {
        var step = Gen.Select(Gen.Enum<StepKind>(), Gen.Int[0, 31], Gen.Int[1, 8], Gen.Int[1, 40]);

        step.Array[1, 12].Sample(
            steps =>
            {
                using var replica = new TestReplica();
                replica.AddVolume("vol-1", chunks: 24);
                replica.AddVolume("vol-2", chunks: 3, seed: 2);
                foreach (var (kind, position, length, number) in steps)
                {
                    Apply(replica, kind, position, length, number);
                }

                replica.Source.OnCall = null;
                replica.Destination.OnCall = null;
                var report = replica.RunAsync().GetAwaiter().GetResult();

                Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Succeeded));
                replica.AssertReplicaEqualsSource();
                Assert.That(replica.Verifier.VerifyAsync("i-1").GetAwaiter().GetResult().IsEqual);
                replica.AssertNothingLeftBehindAsync().GetAwaiter().GetResult();
            },
            iter: 60);
    }

    private static void Apply(TestReplica replica, StepKind kind, int position, int length, int number)
    {
        var bytes = replica.Source.Volumes["vol-1"];
        var start = (int)((long)position * bytes.Length / 32);
        var count = Math.Min(length * 1500, bytes.Length - start);
        switch (kind)
        {
            case StepKind.Write:
                TestReplica.Fill(bytes, start, count, number);
                break;
            case StepKind.Punch:
                bytes.AsSpan(start, count).Clear();
                break;
            case StepKind.Grow:
                Array.Resize(ref bytes, bytes.Length + (length * 1000));
                replica.Source.Volumes["vol-1"] = bytes;
                break;
            case StepKind.Tamper when replica.Destination.Disks.TryGetValue("vol-1", out var disk) && disk.Bytes.Length > start:
                disk.Tamper(stored => stored[start] ^= (byte)number);
                break;
            case StepKind.LoseDestination:
                replica.Destination.Remove("vol-1");
                break;
            case StepKind.LoseBaselineSnapshot:
                replica.Source.Snapshots.Clear();
                break;
            case StepKind.Run:
                Run(replica, faultAt: 0, null);
                break;
            case StepKind.RunWithSourceFault:
                Run(replica, number, onSource: true);
                break;
            case StepKind.RunWithDestinationFault:
                Run(replica, number, onSource: false);
                break;
        }
    }

    private static void Run(TestReplica replica, int faultAt, bool? onSource)
    {
        var calls = 0;
        ValueTask FailAtCall(string operation, string? diskId, CancellationToken cancellationToken) =>
            Interlocked.Increment(ref calls) == faultAt ? throw new SourceException("a fault") : ValueTask.CompletedTask;

        replica.Source.OnCall = onSource == true ? FailAtCall : null;
        replica.Destination.OnCall = onSource == false ? FailAtCall : null;
        try
        {
            replica.RunAsync().GetAwaiter().GetResult();
        }
        catch (SourceException)
        {
            // Thrown when the fault came before the capture.
        }
    }
}
