namespace Coriolis.Providers.Aws;

/// <summary>Undoes things in the account, each within a time of its own, so that one that is stuck does not cost the others theirs.</summary>
internal sealed class BoundedUndo(AwsSourceOptions options, TimeProvider timeProvider)
{
    /// <summary>Undoes one thing.</summary>
    /// <param name="undo">Does it.</param>
    /// <param name="cancellationToken">Cancels the attempt; none where cleaning up may not be cancelled.</param>
    /// <returns>Null when it worked; otherwise why it did not.</returns>
    public async Task<string?> TryAsync(Func<CancellationToken, Task> undo, CancellationToken cancellationToken = default)
    {
        using var deadline = new CancellationTokenSource(options.ReleaseTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await undo(either.Token).ConfigureAwait(false);
            return null;
        }
        catch (CoriolisException error)
        {
            return error.ErrorCode is { } code ? $"{code}: {error.Message}" : error.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"there was no time left: it took longer than {options.ReleaseTimeout}";
        }
    }
}
