using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Coriolis.Replication.Tests;

[NonParallelizable]
internal sealed class ReplicationTelemetryTests
{
    [Test]
    public async Task RunAsync_WithListener_TracesTheExecutionAndItsDisks()
    {
        var stopped = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ReplicationTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (stopped)
                {
                    stopped.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var replica = new TestReplica();
        replica.AddVolume("vol-1", chunks: 2);

        var report = await replica.RunAsync();

        var root = stopped.Single(activity => Equals(activity.GetTagItem("coriolis.execution.id"), report.ExecutionId));
        var disk = stopped.Single(activity => activity.ParentSpanId == root.SpanId && activity.OperationName == "replicate volume");
        Assert.That(root.OperationName, Is.EqualTo("replicate instance"));
        Assert.That(root.GetTagItem("coriolis.instance.id"), Is.EqualTo("i-1"));
        Assert.That(
            stopped.Where(activity => activity.ParentSpanId == disk.SpanId).Select(activity => activity.OperationName),
            Is.EqualTo(["transfer volume", "commit volume"]));
    }

    [Test]
    public async Task RunAsync_WithListener_CountsBytesAndChunks()
    {
        var sums = new Dictionary<string, long>();
        using var replica = new TestReplica();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == ReplicationTelemetry.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (sums)
            {
                var key = $"{instrument.Name} {tags[0].Value}";
                sums[key] = sums.GetValueOrDefault(key) + value;
            }
        });
        listener.Start();
        var bytes = replica.AddVolume("vol-1", chunks: 4);
        await replica.RunAsync();
        sums.Clear();
        TestReplica.Fill(bytes, 0, TestReplica.ChunkSize, seed: 7);
        bytes.AsSpan(2 * TestReplica.ChunkSize, TestReplica.ChunkSize).Clear();

        await replica.RunAsync();

        Assert.That(sums, Is.EquivalentTo(new Dictionary<string, long>
        {
            ["coriolis.transfer.io read"] = TestReplica.ChunkSize,
            ["coriolis.transfer.io write"] = TestReplica.ChunkSize,
            ["coriolis.transfer.chunks copied"] = 1,
            ["coriolis.transfer.chunks zero"] = 1,
        }));
    }
}
