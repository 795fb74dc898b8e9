using Microsoft.Extensions.Options;

namespace Coriolis.Providers.Aws;

/// <summary>Checks each option against its bounds.</summary>
[OptionsValidator]
internal sealed partial class AwsSourceOptionsValidator : IValidateOptions<AwsSourceOptions>;
