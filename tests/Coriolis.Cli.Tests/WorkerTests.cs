using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>Tests in an account of their own whose workers are real machines. Skipped where there can be none.</summary>
public abstract class WorkerTests
{
    private WorkerAccount? _workers;

    private protected WorkerAccount Workers => _workers!;

    private protected EmulatedAccount Account => Workers.Account;

    [SetUp]
    public Task StartAccountAsync() => StartAccountAsync(delays: null);

    [TearDown]
    public async Task EndAccountAsync()
    {
        if (_workers is not null)
        {
            await _workers.DisposeAsync();
            _workers = null;
        }
    }

    /// <summary>Begins again with an account of other properties.</summary>
    private protected async Task StartAccountAsync(EmulatorDelays? delays, bool defaultVpc = true, TimeProvider? timeProvider = null)
    {
        await EndAccountAsync();
        _workers = await WorkerAccount.StartAsync(delays, defaultVpc, timeProvider);
    }
}
