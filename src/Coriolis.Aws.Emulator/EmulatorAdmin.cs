using Coriolis.Aws.Emulator.Admin;
using Coriolis.Aws.Emulator.Ec2;
using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Tags;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator;

/// <summary>What tests need and AWS has no call for.</summary>
/// <remarks>Thread safety: all members may be called at any time.</remarks>
public sealed class EmulatorAdmin
{
    private readonly RegionSet _regions;
    private readonly BlockStore _blocks;
    private readonly RegionSettler _settler;
    private readonly InstanceSeeder _seeder;
    private readonly AccessAdmin _access;
    private readonly TimeProvider _timeProvider;

    internal EmulatorAdmin(RegionSet regions, BlockStore blocks, RegionSettler settler, InstanceSeeder seeder, AccessAdmin access, TimeProvider timeProvider)
    {
        _regions = regions;
        _blocks = blocks;
        _settler = settler;
        _seeder = seeder;
        _access = access;
        _timeProvider = timeProvider;
    }

    /// <summary>Puts an instance with its volumes into a region.</summary>
    /// <param name="region">The region.</param>
    /// <param name="seed">The instance.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The ids.</returns>
    /// <exception cref="ArgumentException">The region does not exist, or the seed describes what cannot be.</exception>
    public Task<SeededInstance> CreateInstanceAsync(string region, InstanceSeed seed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(seed);
        if (seed.NetworkInterfaces < 1) throw new ArgumentException("An instance has at least one network interface.", nameof(seed));
        var target = Find(region);
        return target.ExclusiveAsync(
            async () =>
            {
                try
                {
                    var seeded = await _seeder.CreateAsync(target, seed, cancellationToken).ConfigureAwait(false);
                    await target.SaveAsync(cancellationToken).ConfigureAwait(false);
                    return seeded;
                }
                catch (AwsErrorException e)
                {
                    throw new ArgumentException($"The instance cannot be seeded: {e.Message}", nameof(seed), e);
                }
            },
            cancellationToken);
    }

    /// <summary>Returns the sparse raw file that is a volume: whoever writes there writes the volume. A synthetic volume has none.</summary>
    /// <param name="region">The volume's region.</param>
    /// <param name="volumeId">The volume.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="ArgumentException">The region does not exist.</exception>
    public string GetVolumePath(string region, string volumeId) => _blocks.GetVolumePath(Find(region).Name, volumeId);

    /// <summary>Rewrites a share of the blocks of a synthetic volume.</summary>
    /// <param name="region">The volume's region.</param>
    /// <param name="volumeId">The volume.</param>
    /// <param name="fraction">The share of all its 512 KiB blocks, from 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when later snapshots see the change.</returns>
    public Task ChangeSyntheticVolumeAsync(string region, string volumeId, double fraction, CancellationToken cancellationToken = default) =>
        _blocks.ChangeSyntheticVolumeAsync(Find(region).Name, volumeId, fraction, cancellationToken);

    /// <summary>Makes a volume larger, as ModifyVolume would.</summary>
    /// <param name="region">The volume's region.</param>
    /// <param name="volumeId">The volume.</param>
    /// <param name="sizeGiB">The new size in GiB, not less than the old one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when the volume has the new size.</returns>
    /// <exception cref="ArgumentException">The region or volume does not exist, or the size is less than before.</exception>
    public Task GrowVolumeAsync(string region, string volumeId, int sizeGiB, CancellationToken cancellationToken = default)
    {
        var target = Find(region);
        return target.ExclusiveAsync(
            async () =>
            {
                if (!target.State.Volumes.TryGetValue(volumeId, out var volume))
                {
                    throw new ArgumentException($"The volume '{volumeId}' does not exist in {region}.", nameof(volumeId));
                }

                ArgumentOutOfRangeException.ThrowIfLessThan(sizeGiB, volume.SizeGiB);
                await _blocks.ResizeVolumeAsync(region, volumeId, sizeGiB * (1L << 30), cancellationToken).ConfigureAwait(false);
                target.State.Volumes[volumeId] = volume with { SizeGiB = sizeGiB };
                await target.SaveAsync(cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Makes an access key of a new user. It works until the data directory is deleted, also after a restart.</summary>
    /// <param name="policies">
    /// The user's identity policies, each an IAM policy document in JSON. With none the user may do everything; with any it may do what
    /// they allow, decided per action and resource as AWS does.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The key.</returns>
    /// <exception cref="FormatException">A policy is not a policy document; the message says where.</exception>
    public Task<EmulatorCredential> CreateCredentialAsync(IEnumerable<string> policies, CancellationToken cancellationToken = default) =>
        _access.CreateCredentialAsync(policies, cancellationToken);

    /// <summary>Gives a role policies, also for sessions that were assumed before. A role that was never given any may do everything.</summary>
    /// <param name="roleName">The role's name, the last part of its ARN.</param>
    /// <param name="policies">The policies that take the place of all earlier ones, each an IAM policy document in JSON.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when the policies apply.</returns>
    /// <exception cref="FormatException">A policy is not a policy document; the message says where.</exception>
    public Task SetRolePoliciesAsync(string roleName, IEnumerable<string> policies, CancellationToken cancellationToken = default) =>
        _access.SetRolePoliciesAsync(roleName, policies, cancellationToken);

    /// <summary>Returns all resources of a region but those that every new region has: its network, default group and built-in images.</summary>
    /// <param name="region">The region.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The resources in the order of their creation. Terminated instances are not among them.</returns>
    /// <exception cref="ArgumentException">The region does not exist.</exception>
    public Task<IReadOnlyList<EmulatorResource>> GetResourcesAsync(string region, CancellationToken cancellationToken = default)
    {
        var target = Find(region);
        return target.ExclusiveAsync<IReadOnlyList<EmulatorResource>>(
            async () =>
            {
                await _settler.SettleAsync(target, _timeProvider.GetUtcNow(), cancellationToken).ConfigureAwait(false);
                return
                [
                    .. TagTables.All(target.State)
                        .SelectMany(static table => table.All().Select(resource => (table.Kind, Resource: resource)))
                        .Where(static pair => !IsFurnishing(pair.Resource))
                        .OrderBy(static pair => pair.Resource.Sequence)
                        .Select(static pair => new EmulatorResource(pair.Kind.TagName, pair.Resource.Id, StateOf(pair.Resource), pair.Resource.Tags)),
                ];
            },
            cancellationToken);
    }

    private static bool IsFurnishing(IResource resource) => resource is VpcRecord or SubnetRecord
        or ImageRecord { BuiltIn: true }
        or SecurityGroupRecord { Name: RegionFurnishing.DefaultGroupName }
        or InstanceRecord { State: "terminated" };

    private static string? StateOf(IResource resource) => resource switch
    {
        InstanceRecord instance => instance.State,
        VolumeRecord volume => volume.State,
        SnapshotRecord snapshot => snapshot.State,
        _ => null,
    };

    private Region Find(string region) => _regions.TryGet(region, out var found)
        ? found
        : throw new ArgumentException($"The region '{region}' is not among the emulator's.", nameof(region));
}
