using System.Text.Json;

namespace Coriolis.Providers.Aws.Tests.Configuration;

public sealed class JsonSchemaTests
{
    [Test]
    public void ConnectionInfo_Properties_AreTheFieldsThatCanBeRead()
    {
        using var schema = JsonDocument.Parse(AwsConnectionInfo.JsonSchema);

        Assert.That(PropertiesOf(schema).Select(property => property.Name), Is.EquivalentTo(AwsConnectionInfoReader.Fields));
    }

    [Test]
    public void SourceEnvironment_Properties_AreTheSettings()
    {
        using var schema = JsonDocument.Parse(AwsSourceOptions.JsonSchema);

        Assert.That(PropertiesOf(schema).Select(property => property.Name), Is.EquivalentTo(AwsSourceSettings.Names));
    }

    [Test]
    public void SourceEnvironment_Defaults_AreThoseOfTheOptions()
    {
        using var schema = JsonDocument.Parse(AwsSourceOptions.JsonSchema);
        var defaults = PropertiesOf(schema)
            .Where(property => property.Value.TryGetProperty("default", out _))
            .ToDictionary(property => property.Name, property => property.Value.GetProperty("default"));
        var applied = new AwsSourceOptions();

        AwsSourceSettings.ApplyJson(applied, JsonSerializer.Serialize(defaults));

        Assert.That(defaults, Has.Count.GreaterThan(10));
        Assert.That(applied.BindingErrors, Is.Empty);
        var untouched = new AwsSourceOptions();
        Assert.Multiple(() =>
        {
            foreach (var property in typeof(AwsSourceOptions).GetProperties().Where(property => property.CanWrite))
            {
                Assert.That(property.GetValue(applied), Is.EqualTo(property.GetValue(untouched)), property.Name);
            }
        });
    }

    private static JsonElement.ObjectEnumerator PropertiesOf(JsonDocument schema) => schema.RootElement.GetProperty("properties").EnumerateObject();
}
