namespace Coriolis.Aws.Emulator.Http;

/// <summary>One AWS service: answers the calls whose signature names it.</summary>
internal interface IAwsService
{
    /// <summary>Writes the answer of one verified call, or throws <see cref="AwsErrorException"/>.</summary>
    Task HandleAsync(ServiceCall call, CancellationToken cancellationToken);
}
