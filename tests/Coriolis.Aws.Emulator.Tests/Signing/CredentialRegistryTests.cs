using System.Collections;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.Signing;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Tests.Storage;

namespace Coriolis.Aws.Emulator.Tests.Signing;

internal sealed class CredentialRegistryTests
{
    [Test]
    public async Task IssueAsync_WhileAnotherIsBeingSaved_KeepsBothForTheNextStart()
    {
        using var folder = new TemporaryFolder();
        using var policies = new PausingPolicies();
        using (var store = new StateStore(folder.Path))
        {
            var registry = new CredentialRegistry(store, TimeProvider.System);
            var first = Task.Run(() => registry.IssueAsync(New("AKIA1") with { Policies = policies }, CancellationToken.None));
            policies.Read.Wait();
            var second = registry.IssueAsync(New("AKIA2"), CancellationToken.None);
            policies.GoOn.Set();
            await Task.WhenAll(first, second);
        }

        using var reopened = new StateStore(folder.Path);
        var restarted = new CredentialRegistry(reopened, TimeProvider.System);
        restarted.Load();
        Assert.That(restarted.Find("AKIA1"), Is.Not.Null);
        Assert.That(restarted.Find("AKIA2"), Is.Not.Null);
    }

    private static Credential New(string accessKeyId) => new(new CallerIdentity("123456789012", "arn", "user", accessKeyId), "secret");

    /// <summary>No policies; who reads them the first time waits in the middle.</summary>
    private sealed class PausingPolicies : IReadOnlyList<PolicyDocument>, IDisposable
    {
        public ManualResetEventSlim Read { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public int Count => 0;

        public PolicyDocument this[int index] => throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<PolicyDocument> GetEnumerator()
        {
            if (!Read.IsSet)
            {
                Read.Set();
                GoOn.Wait();
            }

            return Enumerable.Empty<PolicyDocument>().GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public void Dispose()
        {
            Read.Dispose();
            GoOn.Dispose();
        }
    }
}
