namespace Coriolis.Cli.Tests;

/// <summary>Tests of the tool in an account of their own.</summary>
public abstract class AccountTests
{
    private protected EmulatedAccount Account { get; private set; } = null!;

    [SetUp]
    public async Task StartAccountAsync() => Account = await EmulatedAccount.StartAsync();

    [TearDown]
    public async Task EndAccountAsync() => await Account.DisposeAsync();
}
