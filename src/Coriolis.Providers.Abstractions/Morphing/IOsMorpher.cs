namespace Coriolis.Providers;

/// <summary>Changes a guest so that it works outside the cloud that it came from.</summary>
/// <remarks>
/// A morpher changes the guest that it is given; a caller who wants to see the changes first, or to be able to take them
/// back, gives it a staged guest. Thread safety: one morpher may work on several guests at once; a guest is morphed by
/// one caller at a time.
/// </remarks>
public interface IOsMorpher
{
    /// <summary>The name for reports and options, for example <c>cloud-init removal</c>.</summary>
    string Name { get; }

    /// <summary>Whether this morpher has anything to say about the guest. Changes nothing.</summary>
    /// <param name="guest">The guest's file system.</param>
    /// <param name="os">What the guest is.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <returns><see langword="true"/> when <see cref="MorphAsync"/> applies.</returns>
    ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default);

    /// <summary>Morphs the guest. Idempotent: a second call changes nothing.</summary>
    /// <param name="guest">The guest's file system.</param>
    /// <param name="os">What the guest is.</param>
    /// <param name="request">How to morph.</param>
    /// <param name="cancellationToken">Cancels between two changes; what was changed is in the guest and can be continued.</param>
    /// <returns>What was changed.</returns>
    /// <exception cref="GuestException">A file of the guest cannot be read or changed.</exception>
    Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default);
}
