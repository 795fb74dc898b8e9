using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.Kms;

namespace Coriolis.Aws.Emulator.State;

/// <summary>One region: its state, its lock, and the ids it gives out.</summary>
internal sealed class Region : IDisposable
{
    private readonly StateStore _store;
    private readonly KeyRings _keys;
    private readonly KeyUse _keyUse;
    private readonly int _seed;
    private readonly SemaphoreSlim _gate = new(1);

    public Region(string name, string accountId, int seed, StateStore store, KeyRings keys)
    {
        Name = name;
        AccountId = accountId;
        _seed = seed;
        _store = store;
        _keys = keys;
        _keyUse = new KeyUse(keys);
        var saved = store.Read(Section, StateJsonContext.Default.RegionState);
        IsNew = saved is null;
        State = saved ?? new RegionState();
    }

    public string Name { get; }

    public string AccountId { get; }

    /// <summary>Whether nothing was saved of the region before this start.</summary>
    public bool IsNew { get; }

    public RegionState State { get; }

    private string Section => $"ec2/{Name}";

    /// <summary>Runs an action alone in the region. Everything that writes <see cref="State"/> happens in here.</summary>
    public async Task<T> ExclusiveAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await action().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Finds a KMS key of the region by id, ARN or alias.</summary>
    public EncryptionKey? FindKey(string name) => _keys.Find(Name, name);

    /// <summary>Whether a caller may do something with a key by way of EBS.</summary>
    public bool MayUseKey(Authorizer caller, EncryptionKey key, string operation, string? ebsId) =>
        _keyUse.IsAllowedThroughEbs(caller, Name, key, operation, ebsId);

    public long NextSequence() => ++State.LastSequence;

    /// <summary>A new id and its place in the order of creation.</summary>
    public (string Id, long Sequence) NextId(string prefix)
    {
        var sequence = NextSequence();
        return (IdSource.Create(prefix, _seed, Name, sequence), sequence);
    }

    public byte[] NextBytes(string purpose) => IdSource.Digest(_seed, Name, purpose, NextSequence());

    public string Arn(string service, string resource) => $"arn:aws:{service}:{Name}:{AccountId}:{resource}";

    public Task SaveAsync(CancellationToken cancellationToken) =>
        _store.WriteAsync(Section, () => State, StateJsonContext.Default.RegionState, cancellationToken);

    public void Dispose() => _gate.Dispose();
}
