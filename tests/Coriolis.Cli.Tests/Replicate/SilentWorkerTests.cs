namespace Coriolis.Cli.Tests;

/// <summary>A worker that lets the run in and then does not answer any more.</summary>
[CancelAfter(300_000)]
public sealed class SilentWorkerTests : WorkerTests
{
    // Connections stay open and nothing comes back on them; a command begins and does not end; whoever opens the file to write waits for a reader.
    [TestCase("ip link set dev eth0 down", "timed out", TestName = "Replicate_WhenTheNetworkFallsSilentAfterTheLogin_TakesAnotherWorker")]
    [TestCase(
        "printf '#!/bin/sh\nexec sleep 600\n' > /tmp/hang && chmod 755 /tmp/hang && mount --bind /tmp/hang $(command -v sudo)",
        "to run 'sudo",
        TestName = "Replicate_WhenACommandDoesNotEnd_TakesAnotherWorker")]
    [TestCase("umask 0 && mkfifo /home/coriolis/coriolis-worker", "to upload coriolis-worker", TestName = "Replicate_WhenAnUploadDoesNotEnd_TakesAnotherWorker")]
    public async Task Replicate_WhenTheWorkerFallsSilent_TakesAnother(string silence, string says, CancellationToken cancellationToken)
    {
        var instance = await Account.LaunchAsync("web", dataDisks: 1);
        var clock = new HurriedClock();
        var isFirst = true;
        await using var error = new ReactingWriter(("starting the agent", Silence), ("another one is launched", () => clock.IsHurried = false));
        var app = new App(new Terminal(TextWriter.Null, error), clock);
        string[] command = ["replicate", "web", "--to", Account.To, "--state", Account.State, .. WorkerAccount.Options("worker"), .. Account.Connection];

        Assert.That(await app.RunAsync(command, cancellationToken), Is.EqualTo(ExitCode.Done), error.ToString());

        Assert.That(error.ToString(), Does.Contain("is given up, another one is launched: ").And.Contain(says));
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(2), error.ToString());
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);

        void Silence()
        {
            if (isFirst)
                RunOnWorker(silence, cancellationToken);
            clock.IsHurried = isFirst;
            isFirst = false;
        }
    }

    private void RunOnWorker(string command, CancellationToken cancellationToken)
    {
        var worker = Workers.FindWorkerAsync(cancellationToken).GetAwaiter().GetResult();
        WorkerMachine.RunAsync(worker.PublicIpAddress, command, cancellationToken).GetAwaiter().GetResult();
    }

    /// <summary>The system's clock, but that the limits of commands and uploads, which are a minute and more, end after ten seconds for the worker that is silent.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        private static readonly TimeSpan[] s_limits = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15)];

        public bool IsHurried { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, IsHurried && s_limits.Contains(dueTime) ? TimeSpan.FromSeconds(10) : dueTime, period);
    }
}
