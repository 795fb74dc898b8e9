namespace Coriolis.Replication.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ExecutionJournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coriolis-journal-").FullName;

    private string JournalPath => Path.Combine(_folder, "exec-1.journal");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Read_AfterEachEvent_TellsOpenFromSettled()
    {
        using var journal = ExecutionJournal.Create(JournalPath, TimeProvider.System);

        await journal.IntendAsync("set/1", "snapshot");
        Assert.That(JournalReplay.Read(JournalPath).UnknownIntents.Keys, Is.EqualTo(["set/1"]));

        await journal.CreatedAsync("set/1", "snapshot", "snap-1");
        await journal.CreatedAsync("set/1", "snapshot", "snap-2");
        Assert.That(JournalReplay.Read(JournalPath).Open.Keys, Is.EquivalentTo(["snap-1", "snap-2"]));

        await journal.KeptAsync("snap-1");
        Assert.That(JournalReplay.Read(JournalPath).Open.Keys, Is.EqualTo(["snap-2"]));

        await journal.DeletedAsync("snap-2");
        Assert.That(JournalReplay.Read(JournalPath).IsSettled, Is.True);
    }

    [Test]
    public async Task Read_TornLastLine_KeepsWhatWasRecordedBefore()
    {
        await RecordAsync();
        var text = await File.ReadAllTextAsync(JournalPath);
        var firstLine = text.IndexOf('\n', StringComparison.Ordinal) + 1;

        for (var length = firstLine; length < text.Length - 1; length++)
        {
            await File.WriteAllTextAsync(JournalPath, text[..length]);

            Assert.That(JournalReplay.Read(JournalPath).UnknownIntents.Keys, Is.EqualTo(["set/1"]), $"{length} bytes");
        }
    }

    [Test]
    public async Task Dispose_SomethingIsOpen_KeepsTheFile()
    {
        await RecordAsync();

        Assert.That(JournalReplay.Read(JournalPath).Open.Keys, Is.EqualTo(["snap-1"]));
    }

    [Test]
    public async Task Dispose_EverythingIsSettled_RemovesTheFile()
    {
        using (var journal = ExecutionJournal.Create(JournalPath, TimeProvider.System))
        {
            await journal.IntendAsync("set/1", "snapshot");
            await journal.CreatedAsync("set/1", "snapshot", "snap-1");
            await journal.KeptAsync("snap-1");
        }

        Assert.That(File.Exists(JournalPath), Is.False);
    }

    [Test]
    public async Task IntendAsync_Concurrently_LosesNoLine()
    {
        using var journal = ExecutionJournal.Create(JournalPath, TimeProvider.System);

        await Parallel.ForEachAsync(Enumerable.Range(0, 50), async (i, token) => await journal.IntendAsync($"set/{i}", "snapshot", token));

        Assert.That(JournalReplay.Read(JournalPath).UnknownIntents, Has.Count.EqualTo(50));
    }

    private async Task RecordAsync()
    {
        using var journal = ExecutionJournal.Create(JournalPath, TimeProvider.System);
        await journal.IntendAsync("set/1", "snapshot");
        await journal.CreatedAsync("set/1", "snapshot", "snap-1");
    }
}
